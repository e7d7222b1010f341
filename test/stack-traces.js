// What Node.js captures of an error. The environment of jest captures ten times as much, of each error that a test expects too.
Error.stackTraceLimit = 10;
