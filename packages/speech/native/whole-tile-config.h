// GCC before 14 takes _tile_loadconfig() to read a pointer's length of its 64 bytes, and leaves out what
// fills the rest: the first product of a quantised model would end in an illegal instruction.
#pragma once
#include <immintrin.h>

#define _tile_loadconfig(config) \
    __asm__ volatile("ldtilecfg\t%0" : : "m"(*reinterpret_cast<const char(*)[64]>(config)))
