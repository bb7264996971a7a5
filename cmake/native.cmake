# Native: the code generator, the unit tests and the fuzz targets.
if(EXISTS ${gen_source})
  add_executable(sonde-gen ${gen_source})
  target_link_libraries(sonde-gen PRIVATE sonde)
  target_compile_options(sonde-gen PRIVATE ${SONDE_WARNINGS})
endif()

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

# Constant time: the core built for tests/valgrind, run there. Sanitizers and
# valgrind do not go together; a 32-bit one would want Debian's i386 libraries.
find_program(SONDE_VALGRIND valgrind)
find_path(SONDE_VALGRIND_INCLUDE valgrind/memcheck.h)
if(SONDE_VALGRIND AND SONDE_VALGRIND_INCLUDE AND
   NOT CMAKE_C_FLAGS MATCHES "-fsanitize|-m32")
  file(GLOB signed_sources CONFIGURE_DEPENDS src/signed/*.c)
  add_executable(constant_time tests/valgrind/constant_time.c ${signed_sources})
  target_compile_options(constant_time PRIVATE ${SONDE_WARNINGS}
    "SHELL:-include ${PROJECT_SOURCE_DIR}/tests/valgrind/public.h")
  target_include_directories(constant_time SYSTEM PRIVATE
                             ${SONDE_VALGRIND_INCLUDE})
  target_link_libraries(constant_time PRIVATE sonde)
  set(memcheck ${SONDE_VALGRIND} --quiet --error-exitcode=99)
  add_test(NAME constant_time COMMAND ${memcheck} $<TARGET_FILE:constant_time>)
  add_test(NAME constant_time_sees COMMAND ${memcheck}
           $<TARGET_FILE:constant_time> branch)
  set_tests_properties(constant_time_sees PROPERTIES WILL_FAIL TRUE)
endif()
