# Emscripten as a C compiler: Debian's emcc, or the one of $EMSDK.
set(SONDE_WASM web)
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR wasm32)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)

set(emscripten_hints)
if(DEFINED ENV{EMSDK})
  set(emscripten_hints HINTS $ENV{EMSDK}/upstream/emscripten NO_DEFAULT_PATH)
endif()
find_program(CMAKE_C_COMPILER emcc ${emscripten_hints} REQUIRED)
find_program(CMAKE_AR emar ${emscripten_hints} REQUIRED)
find_program(CMAKE_RANLIB emranlib ${emscripten_hints} REQUIRED)

# Growth is allowed so that the module may grow itself once, in init; the JS
# glue that emcc would tell of it is not there.
set(SONDE_MODULE_LINK -Oz -sSTANDALONE_WASM --no-entry -sALLOW_MEMORY_GROWTH
    -sTOTAL_STACK=32768 -sINITIAL_MEMORY=131072 -sMAXIMUM_MEMORY=134217728)
