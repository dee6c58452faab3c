#!/bin/sh
# Opens the desk: macOS by a double click, Linux by desk.desktop beside it or from a terminal. Prepares the environment at first.
cd "$(dirname "$0")/.." || exit 1
python=.venv/bin/python
fail() {
  echo "$1"
  [ -t 0 ] && { printf '按回车键关闭窗口。'; read -r _; }
  exit 1
}
ready() { "$python" -c 'import jinja2, multipart, plananalysis, starlette, uvicorn' 2>/dev/null; }
if ! ready; then
  echo '首次打开，正在准备运行环境（需要联网，约几分钟）……'
  found=
  for name in python3 python3.14 python3.13 python3.12 python3.11; do
    [ -z "$found" ] && "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && found=$name
  done
  [ -x "$python" ] || [ -n "$found" ] || fail '没有找到 Python 3.11 或更高版本，请先安装：https://www.python.org/downloads/'
  [ -x "$python" ] || "$found" -m venv .venv || fail '运行环境没有建成，原因见上。'
  "$python" -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes \
    --requirement requirements.lock.txt --requirement requirements.desk.lock.txt &&
    "$python" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable . &&
    ready || fail '运行环境没有准备好，原因见上；请检查网络后再打开一次。'
fi
"$python" -m plananalysis desk "$@" || fail '工作台没有打开，原因见上。'
