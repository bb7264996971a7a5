# Warnings are errors in our own code; upstream and generated code is compiled
# with its own warnings off and included as SYSTEM.
option(SONDE_WERROR "Warnings are errors" ON)
set(SONDE_WARNINGS
    -Wall -Wextra -Wpedantic
    -Wconversion -Wsign-conversion -Wdouble-promotion
    -Wshadow -Wundef -Wvla -Wcast-qual -Wpointer-arith -Wwrite-strings
    -Wformat=2 -Wstrict-prototypes -Wmissing-prototypes)
if(SONDE_WERROR)
  list(APPEND SONDE_WARNINGS -Werror)
endif()
set(SONDE_UPSTREAM_WARNINGS -w)
