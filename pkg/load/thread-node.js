// The script of a thread in Node.
import { parentPort } from 'node:worker_threads';
import { serve } from '../worker-thread.js';

parentPort.on('message', serve((message, transfer = []) => parentPort.postMessage(message, transfer)));
