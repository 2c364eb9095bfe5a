/// The revision of the sources that this program was built from; "unknown" if the build was not
/// given one.
const char *batchlab_revision(void);
