/** The version of this package. It has to equal the engine's, which is checked whenever an engine is started. */
export const version = '0.1.0';
