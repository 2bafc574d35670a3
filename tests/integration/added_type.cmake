# The catalog as it would be with one more message: a copy of proto/ in the build tree, the same
# generator, the same sources, nothing else.
set(added ${CMAKE_CURRENT_BINARY_DIR}/added_type)
set(message ${PROJECT_SOURCE_DIR}/tests/data/added_type/site_visit.proto)
file(GLOB records CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/proto/records/*.proto)
file(GLOB generator ${PROJECT_SOURCE_DIR}/proto/gen/*.py)
file(MAKE_DIRECTORY ${added}/proto/records)
add_custom_command(
  OUTPUT ${added}/catalog/tables.c ${added}/catalog/list.c ${added}/catalog/types.h
  COMMAND ${CMAKE_COMMAND} -E copy ${records} ${message} ${added}/proto/records
  COMMAND ${CMAKE_COMMAND} -E copy ${PROJECT_SOURCE_DIR}/proto/options.proto ${added}/proto
  COMMAND ${PYTHON3} -B ${PROJECT_SOURCE_DIR}/proto/gen/catalog.py --protoc ${PROTOC}
    --proto ${added}/proto --out ${added}
  DEPENDS ${records} ${message} ${generator} ${PROJECT_SOURCE_DIR}/proto/options.proto
  VERBATIM)
set_source_files_properties(${added}/catalog/list.c ${added}/catalog/tables.c PROPERTIES COMPILE_OPTIONS -w)
file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/common/catalog/*.c)
add_library(added_catalog STATIC ${sources} ${added}/catalog/list.c ${added}/catalog/tables.c)
target_include_directories(added_catalog BEFORE PUBLIC ${added} ${PROJECT_SOURCE_DIR})
target_compile_definitions(added_catalog PRIVATE _GNU_SOURCE)
target_link_libraries(added_catalog PUBLIC prac_base)
prac_pg_test(test_added_type LIBS added_catalog server_db sql_migrations)
