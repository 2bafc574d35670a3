# SQL stands in files and reaches the programs through the build tree.
#
# FOLDER stands relative to the root; sql/queries yields "sql/queries.h" and the list sql_queries[].
# prac_embed_queries(TARGET FOLDER): blocks of FOLDER/*.sql headed `-- name: x` become
#   extern const struct db_stmt q_x;  and rows of the list, which a NULL closes.
# prac_embed_scripts(TARGET FOLDER): every file becomes a row
#   of a list of struct db_script, which a row without a name closes.
# The structs are in sql/stmt.h.

function(prac_embed_sql_files target folder mode)
  file(GLOB files CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${folder}/*.sql)
  list(SORT files)
  set(out ${PROJECT_BINARY_DIR}/generated/${folder})
  set(program ${PROJECT_SOURCE_DIR}/cmake/embed_sql.awk)
  cmake_path(GET out PARENT_PATH parent)
  file(MAKE_DIRECTORY ${parent})
  add_custom_command(
    OUTPUT ${out}.c ${out}.h
    COMMAND ${AWK} -v mode=${mode} -v folder=${folder} -v out=${out}
      -f ${program} ${files} /dev/null
    DEPENDS ${files} ${program}
    VERBATIM)
  add_library(${target} STATIC ${out}.c ${out}.h)
  target_compile_options(${target} PRIVATE -w)
  target_include_directories(${target} PUBLIC ${PROJECT_SOURCE_DIR})
  target_include_directories(${target} SYSTEM PUBLIC ${PROJECT_BINARY_DIR}/generated)
endfunction()

function(prac_embed_queries target folder)
  prac_embed_sql_files(${target} ${folder} queries)
endfunction()

function(prac_embed_scripts target folder)
  prac_embed_sql_files(${target} ${folder} scripts)
endfunction()
