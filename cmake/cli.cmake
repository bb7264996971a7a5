# The command line: natively the program `sonde`, for WASI sonde.wasm.
file(GLOB cli_sources CONFIGURE_DEPENDS wasi/cli/*.c)
add_executable(sonde-cli ${cli_sources})
target_include_directories(sonde-cli PRIVATE wasi/cli)
target_link_libraries(sonde-cli PRIVATE sonde)
target_compile_options(sonde-cli PRIVATE ${SONDE_WARNINGS})
# The C library's headers tell of getentropy and poll only when asked to.
target_compile_definitions(sonde-cli PRIVATE _DEFAULT_SOURCE)

if(NOT SONDE_WASM)
  set_target_properties(sonde-cli PROPERTIES OUTPUT_NAME sonde)
else()
  # An overflow of the stack, which comes first, traps.
  set_target_properties(sonde-cli PROPERTIES OUTPUT_NAME sonde-raw SUFFIX .wasm)
  target_link_options(sonde-cli PRIVATE -Wl,--strip-debug -Wl,--stack-first
                      -Wl,-z,stack-size=131072)
  set(out ${CMAKE_BINARY_DIR}/sonde.wasm)
  sonde_wasm_opt_flags(flags)
  add_custom_command(
    OUTPUT ${out}
    COMMAND ${SONDE_NODE} ${binaryen}/wasm-opt ${flags}
            $<TARGET_FILE:sonde-cli> -o ${out}
    DEPENDS sonde-cli
    COMMENT "Optimizing sonde.wasm" VERBATIM)
  add_custom_target(sonde-wasm ALL DEPENDS ${out})
endif()
