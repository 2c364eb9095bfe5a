/// Bytes that the process has asked for since it began, on all threads.
unsigned long long batchlab_allocated_bytes(void);
