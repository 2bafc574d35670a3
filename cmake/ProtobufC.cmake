# prac_protobuf_c(TARGET file... [ROOT folder]): a library of protoc-c's output. Files stand relative
# to the root, proto/ unless another is given (tests have messages of their own), imports too; the
# headers are included as "<root>/<file>.pb-c.h" or "<file>.pb-c.h".
# The output lives in the build tree only and is nobody's to review: no warnings, SYSTEM include.
set(PRAC_GENERATED ${PROJECT_BINARY_DIR}/generated)

# Where protobuf-c's own options are declared.
find_path(PROTOBUF_C_PROTO_DIR protobuf-c/protobuf-c.proto REQUIRED)

function(prac_protobuf_c target)
  cmake_parse_arguments(ARG "" "ROOT" "" ${ARGN})
  if(NOT ARG_ROOT)
    set(ARG_ROOT proto)
  endif()
  set(root ${PROJECT_SOURCE_DIR}/${ARG_ROOT})
  set(out ${PRAC_GENERATED}/${ARG_ROOT})
  file(MAKE_DIRECTORY ${out})
  set(generated)
  foreach(file ${ARG_UNPARSED_ARGUMENTS})
    string(REGEX REPLACE "[.]proto$" "" stem ${file})
    add_custom_command(
      OUTPUT ${out}/${stem}.pb-c.c ${out}/${stem}.pb-c.h
      COMMAND ${PROTOC_C} --proto_path=${root} --proto_path=${PROTOBUF_C_PROTO_DIR}
        --c_out=${out} ${root}/${file}
      DEPENDS ${root}/${file}
      VERBATIM)
    list(APPEND generated ${out}/${stem}.pb-c.c ${out}/${stem}.pb-c.h)
  endforeach()
  add_library(${target} STATIC ${generated})
  target_compile_options(${target} PRIVATE -w)
  target_include_directories(${target} SYSTEM PUBLIC ${PRAC_GENERATED} ${out})
  target_link_libraries(${target} PUBLIC PkgConfig::PROTOBUF_C)
endfunction()
