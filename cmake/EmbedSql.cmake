# SQL stands in files and reaches the programs through the build tree.
#
# prac_embed_queries(TARGET FOLDER): blocks of FOLDER/*.sql headed `-- name: x` become
#   extern const struct db_stmt q_x;  and the list sql_<folder>[], closed by a NULL.
# prac_embed_scripts(TARGET FOLDER): every file becomes a row of
#   extern const struct db_script sql_<folder>[];  closed by a row without a name.
# Both come with "sql/<folder>.h"; the structs are in sql/stmt.h.

function(prac_embed_sql_files target folder mode)
  file(GLOB files CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/sql/${folder}/*.sql)
  list(SORT files)
  set(out ${PROJECT_BINARY_DIR}/generated/sql)
  set(program ${PROJECT_SOURCE_DIR}/cmake/embed_sql.awk)
  file(MAKE_DIRECTORY ${out})
  add_custom_command(
    OUTPUT ${out}/${folder}.c ${out}/${folder}.h
    COMMAND ${AWK} -v mode=${mode} -v folder=${folder} -v out=${out}/${folder}
      -f ${program} ${files} /dev/null
    DEPENDS ${files} ${program}
    VERBATIM)
  add_library(${target} STATIC ${out}/${folder}.c ${out}/${folder}.h)
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
