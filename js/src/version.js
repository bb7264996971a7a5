/** The version of the package; a test compares it with that of the C core. */
export const VERSION = '0.1.0';
