import { useEffect, useRef } from 'preact/hooks'
import { place } from '../data/place'
import { forgetOutages, outages } from '../data/send'
import { Problems } from '../parts/Problems'
import { Header } from './Header'
import { views } from './views'

export function App() {
  const { view, subject } = place.value
  const known = views.find(({ name }) => name === view) ?? views[0]
  const heading = useRef<HTMLHeadingElement>(null)
  const title = subject === undefined ? known.title : `${known.title}: ${subject}`
  const isFirst = useRef(true)
  useEffect(() => {
    document.title = `${title} · Presage console`
    forgetOutages()
    // Who follows a link with a screen reader or the keyboard goes on at the new view; who opens the page begins on top.
    // Who chooses from a list with the arrow keys passes others on the way to the one that is wanted.
    if (!isFirst.current && document.activeElement?.tagName !== 'SELECT') heading.current?.focus()
    isFirst.current = false
  }, [title])
  return (
    <>
      {/* biome-ignore lint/a11y/useValidAnchor: a link within the page, whose hash is taken by the views */}
      <a
        class="skip"
        href="#content"
        onClick={(event) => {
          event.preventDefault()
          heading.current?.focus()
        }}
      >
        Skip to content
      </a>
      <Header current={known.name} />
      <main id="content">
        <h1 ref={heading} tabIndex={-1}>
          {known.title}
        </h1>
        <Problems
          problems={[...new Map([...outages.value.values()].map((one) => [one.message, one])).values()].map(
            (one) => ({ ...one, message: `${one.message}. What was answered before is still shown.` }),
          )}
        />
        <known.Show key={known.name} subject={subject} />
      </main>
    </>
  )
}
