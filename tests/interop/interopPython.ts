import { join } from 'node:path'
import { findPython, run, venvWith } from '../support/pythonVenv'

/** What the other servers and clients run with: MLServer does not know later ones. */
export const interopPython = findPython(13)

export const withoutPython = 'no Python 3.10 to 3.12 with venv and pip in PATH, and PYTHON names none'

/** The Python of an environment with the packages of requirements.txt, which later runs find again. */
export function interopEnvironment(python: string): string {
  return venvWith(python, join(__dirname, 'requirements.txt'))
}

/** Why Triton cannot run beside this Python; undefined where it can. */
export function withoutTriton(python: string): string | undefined {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'it is for Linux on x86-64'
  try {
    run(python, ['-c', loadLibrary])
    return undefined
  } catch {
    return `it needs the shared library of ${python}; Debian has it in packages such as libpython3.11`
  }
}

const loadLibrary = `
import ctypes, os, sysconfig
folder, name = sysconfig.get_config_var("LIBDIR"), sysconfig.get_config_var("INSTSONAME")
path = os.path.join(folder, name)
ctypes.CDLL(path if os.path.exists(path) else name)
`
