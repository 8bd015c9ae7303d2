// A PDS and a PLC directory on loopback, in memory and in one temporary folder; for tests only.
// Prints one line of JSON when it serves; ends when its standard input closes.
'use strict'
const fs = require('node:fs')
const path = require('node:path')
const net = require('node:net')
const crypto = require('node:crypto')
const { createRequire } = require('node:module')

const [modules, folder] = process.argv.slice(2)
const load = createRequire(path.join(modules, 'package.json'))
const pds = load('@atproto/pds')
const plc = load('@did-plc/server')

const freePort = () => new Promise((resolve, reject) => {
  const server = net.createServer().once('error', reject)
  server.listen(0, '127.0.0.1', () => {
    const { port } = server.address()
    server.close(() => resolve(port))
  })
})

async function main() {
  const plcPort = await freePort()
  const directory = plc.PlcServer.create({ db: plc.Database.mock(), port: plcPort })
  await directory.start()
  const port = await freePort()
  const data = path.join(folder, 'data')
  fs.mkdirSync(data, { recursive: true })
  const env = {
    devMode: true,
    port,
    hostname: 'localhost',
    dataDirectory: data,
    blobstoreDiskLocation: path.join(folder, 'blobs'),
    blobUploadLimit: 5 * 1024 * 1024,
    adminPassword: crypto.randomBytes(16).toString('hex'),
    jwtSecret: crypto.randomBytes(16).toString('hex'),
    didPlcUrl: `http://localhost:${plcPort}`,
    serviceHandleDomains: ['.test'],
    plcRotationKeyK256PrivateKeyHex: crypto.randomBytes(32).toString('hex'),
    inviteRequired: false,
    disableSsrfProtection: true,
    rateLimitsEnabled: true,
    logEnabled: false,
  }
  const server = await pds.PDS.create(pds.envToCfg(env), pds.envToSecrets(env))
  await server.start()
  process.stdout.write(JSON.stringify({ url: `http://localhost:${port}` }) + '\n')
  process.stdin.resume()
  process.stdin.on('end', async () => {
    await Promise.race([server.destroy(), new Promise((r) => setTimeout(r, 2000))])
    process.exit(0)
  })
}

main().catch((error) => {
  process.stderr.write(String(error && error.stack) + '\n')
  process.exit(1)
})
