# Warnings are errors in our own code; upstream and generated code is compiled
# with its own warnings off and included as SYSTEM.
set(SONDE_WARNINGS
    -Wall -Wextra -Wpedantic -Werror
    -Wconversion -Wsign-conversion -Wdouble-promotion
    -Wshadow -Wundef -Wvla -Wcast-qual -Wpointer-arith -Wwrite-strings
    -Wformat=2 -Wstrict-prototypes -Wmissing-prototypes)
set(SONDE_UPSTREAM_WARNINGS -w)
