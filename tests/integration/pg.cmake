# prac_pg_test(NAME [source...] [LIBS target...]): a cmocka program that needs a database
# (tests/support/pg.h). All of them share one cluster, which ctest starts before the first
# and takes away behind the last. Without sources it is tests/integration/NAME.c.

# In /tmp, because socket paths are short; one for each build folder.
string(MD5 PRAC_PG_TAG ${PROJECT_BINARY_DIR})
string(SUBSTRING ${PRAC_PG_TAG} 0 8 PRAC_PG_TAG)
set(PRAC_PG_FOLDER /tmp/prac-it-${PRAC_PG_TAG})

if(BUILD_TESTING AND NOT PRAC_FUZZ)
  add_library(pg_support STATIC ${PROJECT_SOURCE_DIR}/tests/support/pg.c)
  target_include_directories(pg_support PUBLIC ${PROJECT_SOURCE_DIR})
  target_link_libraries(pg_support PRIVATE prac_warnings PkgConfig::PQ PkgConfig::UV
    PkgConfig::CMOCKA)
  # What is in it is thrown away, so it need not be durable; the server is told so in the tests.
  add_test(NAME pg.start COMMAND ${PROJECT_SOURCE_DIR}/deploy/private-postgres start
    ${PRAC_PG_FOLDER} fsync=off shared_buffers=64MB)
  add_test(NAME pg.stop COMMAND sh -c
    "'${PROJECT_SOURCE_DIR}/deploy/private-postgres' stop ${PRAC_PG_FOLDER} && rm -rf ${PRAC_PG_FOLDER}")
  # Some 26,000 files of 27 databases are taken away: milliseconds to stop, over a minute to unlink
  # where the disk is busy.
  set_tests_properties(pg.start PROPERTIES FIXTURES_SETUP pg LABELS integration TIMEOUT 300)
  set_tests_properties(pg.stop PROPERTIES FIXTURES_CLEANUP pg LABELS integration TIMEOUT 600)
endif()

function(prac_pg_test name)
  if(PRAC_FUZZ OR NOT BUILD_TESTING)
    return()
  endif()
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBS" ${ARGN})
  list(APPEND ARG_SOURCES ${ARG_UNPARSED_ARGUMENTS})
  if(NOT ARG_SOURCES)
    set(ARG_SOURCES tests/integration/${name}.c)
  endif()
  prac_unit_test(${name} ${ARG_SOURCES} LIBS ${ARG_LIBS} pg_support PkgConfig::UV
    LABELS integration)
  string(REGEX REPLACE "^test_" "" noun ${name})
  set_tests_properties(integration.${noun} PROPERTIES FIXTURES_REQUIRED pg)
  set_property(TEST integration.${noun} APPEND PROPERTY ENVIRONMENT "PRAC_PG=${PRAC_PG_FOLDER}")
endfunction()
