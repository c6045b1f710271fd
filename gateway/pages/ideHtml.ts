import {
  css,
  editorWorkerService,
  graphqlWorker,
  js,
  jsonWorker,
} from '@graphql-yoga/render-graphiql/graphiql'

/**
 * GraphiQL with the query that it opens on. The bundle is the library's; the page is our own, for two reasons. The
 * library's page rebuilds each error from its message, and loses its places; here answers are shown as they came. And
 * the library adds a plugin in the place of GraphiQL's own, which is the history.
 */
export function ideHtml(query: string): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width" />
    <title>Presage</title>
    <link rel="icon" href="data:image/svg+xml,${encodeURIComponent(logo)}" />
    <style>${css}</style>
    <style>
      @media (max-width: 40rem) {
        .graphiql-main, #graphiql-session { flex-direction: column }
        .graphiql-horizontal-drag-bar { display: none }
      }
    </style>
  </head>
  <body id="body" class="no-focus-outline">
    <noscript>This page needs JavaScript.</noscript>
    <div id="root"></div>
    <script>
      const workers = {
        editorWorkerService: ${scriptUrl(editorWorkerService)},
        json: ${scriptUrl(jsonWorker)},
        graphql: ${scriptUrl(graphqlWorker)},
      }
      self.MonacoEnvironment = { globalAPI: false, getWorkerUrl: (_, label) => workers[label] };
      ${js};
      async function ask(operation, { headers } = {}) {
        let answer = ''
        try {
          const response = await fetch('./graphql', {
            method: 'POST',
            headers: { 'content-type': 'application/json', ...headers },
            body: JSON.stringify(operation),
          })
          const text = await response.text()
          answer = response.status + ': ' + text
          return JSON.parse(text)
        } catch (error) {
          // Not thrown, since GraphiQL would show its stack, which lies in the scripts of this page.
          return { errors: [{ message: answer || error.message }] }
        }
      }
      // Headers hold tokens, so the browser keeps them only if somebody says so in the settings.
      localStorage['graphiql:shouldPersistHeaders'] ??= 'false'
      YogaGraphiQL.renderYogaGraphiQL(document.querySelector('#root'), {
        title: 'Presage',
        logo: ${inScript(logo)},
        defaultQuery: ${inScript(query)},
        plugins: undefined,
        fetcher: ask,
      })
    </script>
  </body>
</html>
`
}

const logo =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="6" fill="none" stroke="#3b5bdb" stroke-width="2"/><circle cx="8" cy="8" r="2" fill="#3b5bdb"/></svg>'

function scriptUrl(script: string): string {
  return `URL.createObjectURL(new Blob([${inScript(script)}], { type: 'application/javascript' }))`
}

/** As a literal that cannot end the script it stands in. */
function inScript(text: string): string {
  return JSON.stringify(text).replaceAll('<', '\\u003c')
}
