# clang + wasi-libc: Debian's newest that has the wasm32 runtime, or the SDK at
# $WASI_SDK_PATH. Used by the presets edge (a reactor) and wasi (a command).
if(NOT DEFINED SONDE_WASM)
  set(SONDE_WASM edge)
endif()
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR wasm32)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES SONDE_WASM)

if(DEFINED ENV{WASI_SDK_PATH})
  set(SONDE_CLANG $ENV{WASI_SDK_PATH}/bin/clang)
  set(SONDE_LLVM_BIN $ENV{WASI_SDK_PATH}/bin)
  set(CMAKE_SYSROOT $ENV{WASI_SDK_PATH}/share/wasi-sysroot)
else()
  include(${CMAKE_CURRENT_LIST_DIR}/clang.cmake)
  sonde_find_clang(wasi/libclang_rt.builtins-wasm32.a)
endif()
set(CMAKE_C_COMPILER ${SONDE_CLANG})
find_program(CMAKE_AR llvm-ar HINTS ${SONDE_LLVM_BIN} REQUIRED)
find_program(CMAKE_RANLIB llvm-ranlib HINTS ${SONDE_LLVM_BIN} REQUIRED)

# The triple's old name is the one for which Debian has libraries.
set(CMAKE_C_COMPILER_TARGET wasm32-wasi)
set(CMAKE_C_FLAGS_INIT -Wno-deprecated)

# No -O at the link: with it clang would run whatever wasm-opt is in PATH.
set(SONDE_MODULE_LINK -mexec-model=reactor -Wl,--strip-debug
    -Wl,-z,stack-size=32768 -Wl,--max-memory=134217728)
