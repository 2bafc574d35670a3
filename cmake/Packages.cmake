# Every foreign library, found once. Link PkgConfig::<NAME>; who may link what is in tests/lint/layers.sh.
find_package(PkgConfig REQUIRED)
set(pairs
  UV:libuv OPENSSL:openssl SODIUM:libsodium PQ:libpq SQLITE:sqlite3 ZSTD:libzstd GLIB:glib-2.0
  INIH:inih JANSSON:jansson SMARTCOLS:smartcols SYSTEMD:libsystemd PROTOBUF_C:libprotobuf-c ZIP:libzip QRENCODE:libqrencode)
if(BUILD_TESTING)
  list(APPEND pairs CMOCKA:cmocka)
endif()
set(PRAC_BUILT_WITH)
foreach(pair ${pairs})
  string(REPLACE ":" ";" pair ${pair})
  list(GET pair 0 name)
  list(GET pair 1 module)
  pkg_check_modules(${name} REQUIRED IMPORTED_TARGET ${module})
  if(NOT name STREQUAL "CMOCKA")
    list(APPEND PRAC_BUILT_WITH "${module} ${${name}_VERSION}")
  endif()
endforeach()
list(JOIN PRAC_BUILT_WITH ", " PRAC_BUILT_WITH)

# libcsv ships no .pc file.
find_library(CSV_LIBRARY csv REQUIRED)
add_library(csv INTERFACE)
target_link_libraries(csv INTERFACE ${CSV_LIBRARY})
add_library(PkgConfig::CSV ALIAS csv)

find_program(PROTOC protoc REQUIRED)
find_program(PROTOC_C protoc-c REQUIRED)
find_program(AWK awk REQUIRED)

# Debian's, because python3-protobuf belongs to that one, whatever comes first on the PATH.
find_program(PYTHON3 python3 PATHS /usr/bin NO_DEFAULT_PATH REQUIRED)
