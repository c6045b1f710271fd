import { type KeptPage, keptPage, policyOf } from './page'
import { packPage } from './pageContent'

/** Apollo Sandbox for the graph at /graphql. The browser loads it from Apollo's hosts, so it needs the internet. */
export function createSandboxPage(): KeptPage {
  return keptPage(async () => ({ ...(await packPage(html)), policy }))
}

const policy = policyOf(
  "script-src 'unsafe-inline' https://embeddable-sandbox.cdn.apollographql.com",
  "style-src 'unsafe-inline'",
  'frame-src https://sandbox.embed.apollographql.com',
  "connect-src 'self'",
)

const html = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <title>Presage - Apollo Sandbox</title>
    <style>
      html, body, #sandbox, iframe { width: 100%; height: 100%; margin: 0; border: 0 }
      p { padding: 2em; font-family: sans-serif }
    </style>
  </head>
  <body>
    <div id="sandbox"><p>Apollo Sandbox is loaded from Apollo's hosts. Without the internet, use <a href="./">the IDE of this server</a>.</p></div>
    <script src="https://embeddable-sandbox.cdn.apollographql.com/_latest/embeddable-sandbox.umd.production.min.js"></script>
    <script>
      if (window.EmbeddedSandbox) {
        document.querySelector('#sandbox').replaceChildren()
        new window.EmbeddedSandbox({
          target: '#sandbox',
          initialEndpoint: new URL('./graphql', window.location.href).href,
          endpointIsEditable: false,
          runTelemetry: false,
        })
      }
    </script>
  </body>
</html>
`
