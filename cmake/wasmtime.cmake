# Wasmtime's C API, as the target `wasmtime`: of -DWASMTIME_DIR, then of the
# environment variable, then by pkg-config, then from the system's paths. The
# host in wasi/host/c is built only if it is found.
set(WASMTIME_DIR "" CACHE PATH "Folder with Wasmtime's include/ and lib/")
set(wasmtime_dir "${WASMTIME_DIR}")
if(NOT wasmtime_dir)
  set(wasmtime_dir "$ENV{WASMTIME_DIR}")
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
