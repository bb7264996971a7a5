# Wasmtime's C API, as the target `wasmtime`: of -DWASMTIME_DIR, then of the
# environment variable, then by pkg-config, then from the system's paths. The
# host in wasi/host/c is built only if it is found.
set(WASMTIME_DIR "" CACHE PATH "Folder with Wasmtime's include/ and lib/")
if(DEFINED ENV{WASMTIME_DIR})   # kept for when CMake runs again by itself
  set(SONDE_WASMTIME_ENV "$ENV{WASMTIME_DIR}" CACHE INTERNAL "")
endif()
set(wasmtime_dir "${WASMTIME_DIR}")
if(NOT wasmtime_dir)
  set(wasmtime_dir "${SONDE_WASMTIME_ENV}")
endif()

# Not cached: WASMTIME_DIR may change between two runs in one build folder.
unset(wasmtime_include CACHE)
unset(wasmtime_library CACHE)
if(wasmtime_dir)
  find_path(wasmtime_include wasmtime.h PATHS ${wasmtime_dir}
            PATH_SUFFIXES include NO_DEFAULT_PATH)
  find_library(wasmtime_library NAMES libwasmtime.a wasmtime
               PATHS ${wasmtime_dir} PATH_SUFFIXES lib NO_DEFAULT_PATH)
  if(NOT wasmtime_include OR NOT wasmtime_library)
    message(FATAL_ERROR "WASMTIME_DIR is ${wasmtime_dir}, which holds no "
            "include/wasmtime.h or no lib/libwasmtime.a (or .so): set it to an "
            "unpacked release of Wasmtime's C API, or to nothing")
  endif()
else()
  find_package(PkgConfig QUIET)
  if(PkgConfig_FOUND)
    pkg_check_modules(wasmtime_pc QUIET wasmtime)
  endif()
  find_path(wasmtime_include wasmtime.h HINTS ${wasmtime_pc_INCLUDE_DIRS})
  find_library(wasmtime_library wasmtime HINTS ${wasmtime_pc_LIBRARY_DIRS})
endif()

set(SONDE_HAS_WASMTIME OFF)
if(wasmtime_include AND wasmtime_library)
  set(SONDE_HAS_WASMTIME ON)
  message(STATUS "Wasmtime's C API: ${wasmtime_library}")
  find_package(Threads REQUIRED)
  add_library(wasmtime UNKNOWN IMPORTED)
  set_target_properties(wasmtime PROPERTIES
    IMPORTED_LOCATION ${wasmtime_library}
    INTERFACE_INCLUDE_DIRECTORIES ${wasmtime_include}
    INTERFACE_LINK_LIBRARIES "Threads::Threads;${CMAKE_DL_LIBS};m")
else()
  message(STATUS "Wasmtime's C API was not found: sonde-host is left out. "
          "Set WASMTIME_DIR to a folder with its include/ and lib/ to build it")
endif()
unset(wasmtime_include CACHE)

# The host. All programs that link it want a C11 compiler with POSIX and
# libwasmtime; the core itself runs inside the module.
if(SONDE_HAS_WASMTIME)
  set(host ${PROJECT_SOURCE_DIR}/wasi/host/c)
  add_library(sonde_host STATIC ${host}/host.c ${host}/cache.c
              ${host}/config.c ${host}/guest.c ${host}/calls.c
              ${host}/message.c)
  target_include_directories(sonde_host PUBLIC ${host} src)
  target_compile_definitions(sonde_host PRIVATE _DEFAULT_SOURCE)
  target_compile_options(sonde_host PRIVATE ${SONDE_WARNINGS})
  target_link_libraries(sonde_host PUBLIC wasmtime)

  add_executable(sonde-host ${host}/runner/main.c ${host}/runner/options.c
                 ${host}/runner/secrets.c ${host}/runner/work.c)
  target_compile_definitions(sonde-host PRIVATE _DEFAULT_SOURCE)
  target_compile_options(sonde-host PRIVATE ${SONDE_WARNINGS})
  target_link_libraries(sonde-host PRIVATE sonde_host)

  function(sonde_host_program name)   # name, sources…
    add_executable(${name} ${ARGN} tests/unit/check.c
                   tests/wasmtime/c/modules.c)
    target_include_directories(${name} PRIVATE tests/unit)
    target_compile_definitions(${name} PRIVATE _DEFAULT_SOURCE)
    target_compile_options(${name} PRIVATE ${SONDE_WARNINGS})
    target_link_libraries(${name} PRIVATE sonde_host)
  endfunction()

  sonde_host_program(test_host tests/wasmtime/c/test_host.c)
  add_test(NAME test_host COMMAND test_host
           WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})

  sonde_host_program(make_fake tests/wasmtime/c/make_fake.c)

  # wants the module, which is built later: tests/wasmtime runs it
  sonde_host_program(test_verdicts tests/wasmtime/c/test_verdicts.c)
  target_link_libraries(test_verdicts PRIVATE sonde m)

  sonde_host_program(bench_host bench/signed/host.c)
  target_link_libraries(bench_host PRIVATE sonde m)
  set_target_properties(bench_host PROPERTIES EXCLUDE_FROM_ALL ON)
endif()
