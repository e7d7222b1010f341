/** Replaces what captures stack traces in cdktf and constructs. No synthesised file contains one. */
exports.captureStackTrace = () => [];
