// Loaded into every Node process of the sandbox: Node's own fetch ignores proxy variables, so sockets refuse connections.
const { Socket } = require('node:net');

const connect = Socket.prototype.connect;

Socket.prototype.connect = function (...args) {
  // net.connect hands its arguments on as one array, already sorted.
  const [first, second] = Array.isArray(args[0]) ? args[0] : args;
  const target = typeof first === 'object' ? first : { port: first, host: typeof second === 'string' ? second : '' };
  const host = target.host || 'localhost';
  if (target.path || Number.isNaN(Number(target.port)) || /^(localhost|127\.\d+\.\d+\.\d+|::1)$/.test(host)) {
    return connect.apply(this, args);
  }
  const error = new Error(`connect ENETUNREACH ${host}:${target.port}: nothing leaves the sandbox`);
  process.nextTick(() => this.destroy(Object.assign(error, { code: 'ENETUNREACH' })));
  return this;
};
