# Native: the code generator, the command line, the unit tests and the fuzz targets.
if(EXISTS ${gen_source})
  add_executable(sonde-gen ${gen_source})
  target_link_libraries(sonde-gen PRIVATE sonde)
  target_compile_options(sonde-gen PRIVATE ${SONDE_WARNINGS})
endif()

include(cmake/cli.cmake)

enable_testing()

# nanopb is the oracle of tests; the library does without it.
function(sonde_test_program name)   # name, sources…
  add_executable(${name} ${ARGN}
                 $<TARGET_OBJECTS:nanopb> $<TARGET_OBJECTS:sonde_proto>)
  add_dependencies(${name} sonde_proto)
  target_include_directories(${name} SYSTEM PRIVATE ${SONDE_PROTO_INCLUDES})
  target_link_libraries(${name} PRIVATE sonde m)
  target_compile_options(${name} PRIVATE ${SONDE_WARNINGS})
endfunction()

# tests/unit/test_x.c is the program test_x; other files there help each of them.
file(GLOB unit_all CONFIGURE_DEPENDS tests/unit/*.c)
file(GLOB unit_tests CONFIGURE_DEPENDS tests/unit/test_*.c)
set(unit_helpers ${unit_all})
if(unit_tests)
  list(REMOVE_ITEM unit_helpers ${unit_tests})
endif()
foreach(source IN LISTS unit_tests)
  cmake_path(GET source STEM name)
  sonde_test_program(${name} ${source} ${unit_helpers})
  add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
endforeach()

# A fuzz target tests/fuzz/x.c is fuzzed by libFuzzer in the preset `fuzz`, and
# replayed over its kept inputs as an ordinary test everywhere else.
file(GLOB fuzz_targets CONFIGURE_DEPENDS tests/fuzz/*.c)
foreach(source IN LISTS fuzz_targets)
  cmake_path(GET source STEM stem)
  if(SONDE_FUZZ)
    sonde_test_program(fuzz_${stem} ${source})
    target_link_options(fuzz_${stem} PRIVATE -fsanitize=fuzzer)
  else()
    sonde_test_program(fuzz_${stem} ${source} tools/fuzz_replay.c)
    add_test(NAME fuzz_${stem} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
             COMMAND fuzz_${stem} tests/fuzz/corpus/${stem})
  endif()
endforeach()

include(cmake/valgrind.cmake)

# The host on Wasmtime, where pointers have the size its library has.
if(CMAKE_SIZEOF_VOID_P EQUAL 8 AND NOT SONDE_FUZZ)
  include(cmake/wasmtime.cmake)
endif()
