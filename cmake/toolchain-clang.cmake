# Native build with the newest clang that has its sanitizers.
include(${CMAKE_CURRENT_LIST_DIR}/clang.cmake)
sonde_find_clang(*/libclang_rt.asan*.a)
set(CMAKE_C_COMPILER ${SONDE_CLANG})
