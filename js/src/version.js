/** Of the package and of the C core; a test compares them. */
export const VERSION = '0.1.0';
