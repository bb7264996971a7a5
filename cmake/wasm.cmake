# The two modules. Each exports exactly the names of its list and `memory`, has
# no imports, and starts with its stack so that an overflow traps instead of
# overwriting data.
find_program(SONDE_NODE node REQUIRED)
set(binaryen ${PROJECT_SOURCE_DIR}/node_modules/binaryen/bin)

# Binaryen's names of the features that the compiler was given.
function(sonde_wasm_features result)
  separate_arguments(features UNIX_COMMAND "${SONDE_WASM_FEATURES}")
  list(FILTER features EXCLUDE REGEX "^-m(no-|cpu)")
  list(TRANSFORM features REPLACE "^-m" "--enable-")
  list(TRANSFORM features REPLACE "nontrapping-fptoint$" "nontrapping-float-to-int")
  set(${result} ${features} PARENT_SCOPE)
endfunction()

# What wasm-opt does to each file that ships.
function(sonde_wasm_opt_flags result)
  sonde_wasm_features(features)
  separate_arguments(opt UNIX_COMMAND "${SONDE_WASM_OPT}")
  set(${result} ${features} ${opt} --strip-debug --strip-producers
      --strip-target-features PARENT_SCOPE)
endfunction()

function(sonde_module name)
  set(list ${PROJECT_SOURCE_DIR}/src/wasm/exports-${name}.txt)
  if(NOT EXISTS ${list})
    return()
  endif()
  file(STRINGS ${list} exports REGEX "^[A-Za-z_]")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${list})

  # the linker's output, still with whatever the toolchain exports of its own
  set(raw sonde-${name}-raw)
  set(sources ${wasm_sources})
  if(name STREQUAL "web")   # pages hold no secrets, and serve nobody
    list(FILTER sources EXCLUDE REGEX "/(signed|prometheus|otlp)\\.c$")
  endif()
  add_executable(${raw} ${sources})
  set_target_properties(${raw} PROPERTIES SUFFIX .wasm EXCLUDE_FROM_ALL ON)
  target_link_libraries(${raw} PRIVATE sonde)
  target_compile_options(${raw} PRIVATE ${SONDE_WARNINGS})
  list(TRANSFORM exports PREPEND "-Wl,--export=" OUTPUT_VARIABLE export_flags)
  list(REMOVE_ITEM export_flags "-Wl,--export=_initialize")   # crt1's own
  target_link_options(${raw} PRIVATE ${SONDE_MODULE_LINK} ${export_flags}
                      -Wl,--stack-first)
  set_property(TARGET ${raw} APPEND PROPERTY LINK_DEPENDS ${list})

  # metadce takes the roots, drops all other exports and what only they need
  list(TRANSFORM exports REPLACE "(.+)"
       "{\"name\":\"\\1\",\"export\":\"\\1\",\"root\":true}")
  list(JOIN exports ",\n" roots)
  set(graph ${CMAKE_BINARY_DIR}/exports-${name}.json)
  file(CONFIGURE OUTPUT ${graph} CONTENT
       "[{\"name\":\"memory\",\"export\":\"memory\",\"root\":true},\n@roots@]\n" @ONLY)

  set(out ${CMAKE_BINARY_DIR}/sonde-${name}.wasm)
  sonde_wasm_features(features)
  sonde_wasm_opt_flags(flags)
  add_custom_command(
    OUTPUT ${out}
    COMMAND ${SONDE_NODE} ${binaryen}/wasm-metadce ${features}
            --graph-file ${graph} $<TARGET_FILE:${raw}> -o ${out}.tmp
            > ${CMAKE_BINARY_DIR}/metadce-${name}.log
    COMMAND ${SONDE_NODE} ${binaryen}/wasm-opt ${flags} ${out}.tmp -o ${out}
    COMMAND ${CMAKE_COMMAND} -E rm ${out}.tmp
    DEPENDS ${raw} ${graph}
    COMMENT "Optimizing sonde-${name}.wasm" VERBATIM)
  if(name STREQUAL SONDE_WASM)
    set(all ALL)
  endif()
  add_custom_target(sonde-${name} ${all} DEPENDS ${out})
endfunction()

# Each wasm toolchain can build either module, to compare the compilers:
# cmake --build build/edge --target sonde-web
if(wasm_sources AND NOT SONDE_WASM STREQUAL "wasi")
  sonde_module(web)
  sonde_module(edge)
endif()

if(SONDE_WASM STREQUAL "wasi")
  include(cmake/cli.cmake)
endif()
