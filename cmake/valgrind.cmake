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
