# Compiler and linker flags. Sanitizers and hardening are global, so that generated code has them
# too; warnings are for our own code only (link prac_warnings).

# assert stays on in release builds: CMake's default would add -DNDEBUG.
set(CMAKE_C_FLAGS_RELWITHDEBINFO "-O2 -g")
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

# Points at which tests have a program die (common/base/failpoint.h).
option(PRAC_FAILPOINTS "Compile in the points at which tests have a program die" OFF)
if(PRAC_FAILPOINTS OR CMAKE_BUILD_TYPE STREQUAL "Debug")
  add_compile_definitions(PRAC_FAILPOINTS)
endif()

add_library(prac_warnings INTERFACE)
target_compile_definitions(prac_warnings INTERFACE _GNU_SOURCE)
target_compile_options(prac_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla
  -Wformat=2 -Wundef -Wimplicit-fallthrough -Wswitch-enum)

if(PRAC_SANITIZE)
  # -g1: a stack trace needs lines, no variables; it compiles a tenth faster.
  add_compile_options(-fsanitize=${PRAC_SANITIZE} -fno-sanitize-recover=all
    -fno-omit-frame-pointer -g1)
  add_link_options(-fsanitize=${PRAC_SANITIZE})
endif()

if(PRAC_FUZZ)
  if(NOT CMAKE_C_COMPILER_ID STREQUAL "Clang")
    message(FATAL_ERROR "PRAC_FUZZ needs clang: cmake --preset fuzz")
  endif()
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

# Where a program was built is in none of its bytes (deploy/build-twice): assert() and debug information name
# files from the root of the tree on.
if(CMAKE_BUILD_TYPE STREQUAL "RelWithDebInfo")
  add_compile_options(-ffile-prefix-map=${PROJECT_SOURCE_DIR}=. -ffile-prefix-map=${PROJECT_BINARY_DIR}=build)
endif()

# Fortify and AddressSanitizer both replace the string functions; only one may.
if(CMAKE_BUILD_TYPE STREQUAL "RelWithDebInfo" AND NOT PRAC_SANITIZE)
  add_compile_definitions(_FORTIFY_SOURCE=3)
  add_compile_options(-fstack-protector-strong -fstack-clash-protection -fcf-protection=full
    -ftrivial-auto-var-init=zero)
  add_link_options(-pie -Wl,-z,relro,-z,now,-z,noexecstack)
endif()
