# What the folders' CMakeLists.txt are written in. Sources stand relative to the folder or, when
# not found there, to the root, so that a folder can name its tests: tests/unit/test_x.c.

function(prac_resolve out)
  set(resolved)
  foreach(source ${ARGN})
    if(NOT IS_ABSOLUTE ${source} AND NOT EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/${source}
       AND EXISTS ${PROJECT_SOURCE_DIR}/${source})
      set(source ${PROJECT_SOURCE_DIR}/${source})
    endif()
    list(APPEND resolved ${source})
  endforeach()
  set(${out} ${resolved} PARENT_SCOPE)
endfunction()

# prac_library(NAME source...): one folder, one static library. Say what it may use with
# target_link_libraries(NAME PUBLIC ...).
function(prac_library name)
  prac_resolve(sources ${ARGN})
  add_library(${name} STATIC ${sources})
  target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE prac_warnings)
endfunction()

add_custom_target(programs)

# prac_program(NAME source...): an executable in the root of the build folder, and what the release
# preset builds.
function(prac_program name)
  prac_resolve(sources ${ARGN})
  add_executable(${name} ${sources})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE prac_warnings)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR})
  add_dependencies(programs ${name})
endfunction()

# prac_test_program(NAME source... [LIBS target...]): an executable that tests start, no test itself.
function(prac_test_program name)
  cmake_parse_arguments(ARG "" "" "LIBS" ${ARGN})
  prac_resolve(sources ${ARG_UNPARSED_ARGUMENTS})
  add_executable(${name} ${sources})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE prac_warnings ${ARG_LIBS})
endfunction()

# prac_unit_test(NAME [source...] [LIBS target...] [LABELS label...]): a cmocka program. Without
# sources it is tests/unit/NAME.c; without labels it is `unit`. TAP output is what tests/run counts
# the cases by. The time limit ends what hangs; on a busy machine no test that works comes near it.
function(prac_unit_test name)
  if(PRAC_FUZZ OR NOT BUILD_TESTING)
    return()
  endif()
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBS;LABELS" ${ARGN})
  list(APPEND ARG_SOURCES ${ARG_UNPARSED_ARGUMENTS})
  if(NOT ARG_SOURCES)
    set(ARG_SOURCES tests/unit/${name}.c)
  endif()
  if(NOT ARG_LABELS)
    set(ARG_LABELS unit)
  endif()
  prac_test_program(${name} ${ARG_SOURCES} LIBS ${ARG_LIBS} PkgConfig::CMOCKA)
  list(GET ARG_LABELS 0 family)
  string(REGEX REPLACE "^test_" "" noun ${name})
  add_test(NAME ${family}.${noun} COMMAND ${name})
  set_tests_properties(${family}.${noun} PROPERTIES
    LABELS "${ARG_LABELS}" TIMEOUT 300
    ENVIRONMENT "CMOCKA_MESSAGE_OUTPUT=TAP;UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1")
endfunction()

# prac_fuzz_target(NAME [source...] [LIBS target...]): one parser under libFuzzer. Without sources it
# is tests/fuzz/NAME.c; the corpus is tests/fuzz/corpus/NAME. In builds without PRAC_FUZZ the same
# function runs over the corpus once, as a unit test.
function(prac_fuzz_target name)
  if(NOT BUILD_TESTING)
    return()
  endif()
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBS" ${ARGN})
  list(APPEND ARG_SOURCES ${ARG_UNPARSED_ARGUMENTS})
  if(NOT ARG_SOURCES)
    set(ARG_SOURCES tests/fuzz/${name}.c)
  endif()
  prac_resolve(sources ${ARG_SOURCES})
  string(REGEX REPLACE "^fuzz_" "" noun ${name})
  set(corpus ${PROJECT_SOURCE_DIR}/tests/fuzz/corpus/${name})
  if(PRAC_FUZZ)
    add_executable(${name} ${sources})
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
    add_test(NAME fuzz.${noun}
      COMMAND ${PROJECT_SOURCE_DIR}/tests/fuzz/fuzz-target $<TARGET_FILE:${name}> ${corpus})
    # The seconds come from PRAC_FUZZ_SECONDS, so the time limit cannot know them.
    set_tests_properties(fuzz.${noun} PROPERTIES LABELS fuzz TIMEOUT 86400)
    add_dependencies(fuzzers ${name})
  else()
    add_executable(${name} ${sources} ${PROJECT_SOURCE_DIR}/tests/fuzz/replay.c)
    add_test(NAME unit.corpus.${noun} COMMAND ${name} ${corpus})
    set_tests_properties(unit.corpus.${noun} PROPERTIES LABELS unit TIMEOUT 300)
  endif()
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE prac_warnings ${ARG_LIBS})
endfunction()

if(PRAC_FUZZ)
  add_custom_target(fuzzers)
endif()
