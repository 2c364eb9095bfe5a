// Of the processor that the importing module is compiled for: whether it has 32 vector registers of
// 64 bytes (AVX-512) and not 16 of 32 bytes.
#ifdef __AVX512F__
#define has_wide_registers 1
#else
#define has_wide_registers 0
#endif
