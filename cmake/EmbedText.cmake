# prac_embed_texts(OUT file... HEADER header DECL declaration): files that stand relative to the
# folder become the C file named by the variable OUT, a table that the header declares.
function(prac_embed_texts out)
  cmake_parse_arguments(ARG "" "HEADER;DECL;NAME" "" ${ARGN})
  prac_resolve(files ${ARG_UNPARSED_ARGUMENTS})
  list(TRANSFORM files PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/ REGEX "^[^/]")
  set(program ${PROJECT_SOURCE_DIR}/cmake/embed_text.awk)
  set(made ${CMAKE_CURRENT_BINARY_DIR}/${ARG_NAME}.c)
  add_custom_command(
    OUTPUT ${made}
    COMMAND ${AWK} -v header=${ARG_HEADER} -v "decl=${ARG_DECL}" -f ${program} ${files} > ${made}
    DEPENDS ${files} ${program}
    VERBATIM)
  set_source_files_properties(${made} PROPERTIES COMPILE_OPTIONS -w)
  set(${out} ${made} PARENT_SCOPE)
endfunction()
