/// Bytes that the process has requested since it started, on all threads.
unsigned long long batchlab_allocated_bytes(void);
