# nanopb and BearSSL from their own sources, never edited, and the protobuf
# code generated from proto/. Where they are: -DSONDE_x_DIR, then the
# environment variable, then where ./dev unpacks them.
set(SONDE_DEPS ${PROJECT_SOURCE_DIR}/build/deps)

function(sonde_upstream name probe default)
  set(var SONDE_${name}_DIR)
  if(NOT DEFINED ${var} AND NOT "$ENV{${var}}" STREQUAL "")
    set(${var} $ENV{${var}})
  endif()
  if(NOT DEFINED ${var})
    set(${var} ${SONDE_DEPS}/${default})
  endif()
  if(NOT EXISTS ${${var}}/${probe})
    message(FATAL_ERROR "${${var}} holds no ${probe}: run ./dev build once, "
                        "or set ${var} to the unpacked sources of ${default}")
  endif()
  set(${var} ${${var}} PARENT_SCOPE)
endfunction()

sonde_upstream(NANOPB pb_encode.c nanopb-0.4.7)
sonde_upstream(BEARSSL inc/bearssl.h bearssl-0.6)

# --- nanopb runtime. Error strings are left out: statuses are ours.
add_library(nanopb OBJECT EXCLUDE_FROM_ALL ${SONDE_NANOPB_DIR}/pb_common.c
            ${SONDE_NANOPB_DIR}/pb_decode.c ${SONDE_NANOPB_DIR}/pb_encode.c)
target_compile_options(nanopb PRIVATE ${SONDE_UPSTREAM_WARNINGS})
add_compile_definitions(PB_NO_ERRMSG PB_VALIDATE_UTF8)

# --- generated schema
if(DEFINED ENV{SONDE_PYTHON})
  set(SONDE_PYTHON $ENV{SONDE_PYTHON})
else()
  set(SONDE_PYTHON ${SONDE_DEPS}/venv/bin/python)
endif()
set(proto_out ${CMAKE_BINARY_DIR}/proto)
file(MAKE_DIRECTORY ${proto_out})
file(GLOB protos CONFIGURE_DEPENDS proto/*.options) # others are not for C
set(proto_sources)
foreach(options IN LISTS protos)
  cmake_path(GET options STEM LAST_ONLY stem)
  set(outputs ${proto_out}/${stem}.pb.c ${proto_out}/${stem}.pb.h)
  # NANOPB_PB2_TEMP_DIR: else the generator writes into its own sources.
  add_custom_command(
    OUTPUT ${outputs}
    COMMAND ${CMAKE_COMMAND} -E env NANOPB_PB2_TEMP_DIR=${proto_out}
            ${SONDE_PYTHON} -W ignore
            ${SONDE_NANOPB_DIR}/generator/nanopb_generator.py --quiet
            -I ${PROJECT_SOURCE_DIR}/proto -D ${proto_out} ${stem}.proto
    DEPENDS ${PROJECT_SOURCE_DIR}/proto/${stem}.proto ${options}
    WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}/proto
    COMMENT "Generating ${stem}.pb.c" VERBATIM)
  list(APPEND proto_sources ${outputs})
endforeach()
if(NOT protos)   # an object library needs a source
  set(proto_sources ${proto_out}/empty.c)
  file(CONFIGURE OUTPUT ${proto_out}/empty.c CONTENT "typedef int empty;\n")
endif()
add_library(sonde_proto OBJECT EXCLUDE_FROM_ALL ${proto_sources})
target_compile_options(sonde_proto PRIVATE ${SONDE_UPSTREAM_WARNINGS})

set(SONDE_PROTO_INCLUDES ${SONDE_NANOPB_DIR} ${proto_out})
target_include_directories(nanopb PRIVATE ${SONDE_NANOPB_DIR})
target_include_directories(sonde_proto PRIVATE ${SONDE_PROTO_INCLUDES})

# --- BearSSL: the constant-time AES and GHASH that need no special
# instructions, SHA-256, HMAC, and what they call. They become part of
# libsonde.a.
foreach(file symcipher/aes_ct64 symcipher/aes_ct64_ctr symcipher/aes_ct64_enc
             hash/ghash_ctmul64 hash/sha2small mac/hmac codec/dec32be
             codec/dec32le codec/enc32be codec/enc32le codec/enc64be)
  list(APPEND bearssl_sources ${SONDE_BEARSSL_DIR}/src/${file}.c)
endforeach()
add_library(bearssl OBJECT ${bearssl_sources})
target_include_directories(bearssl SYSTEM PUBLIC ${SONDE_BEARSSL_DIR}/inc)
target_include_directories(bearssl PRIVATE ${SONDE_BEARSSL_DIR}/src)
target_compile_options(bearssl PRIVATE ${SONDE_UPSTREAM_WARNINGS})
# It calls hashes through pointers of a type of its own.
target_compile_options(bearssl PRIVATE
                       $<$<C_COMPILER_ID:Clang>:-fno-sanitize=function>)
