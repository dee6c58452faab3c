@echo off
chcp 65001 >nul
rem Opens the desk by a double click. Prepares the environment at first.
cd /d "%~dp0.."
set "PYTHON=.venv\Scripts\python.exe"
"%PYTHON%" -c "import jinja2, multipart, plananalysis, starlette, uvicorn" 2>nul
if not errorlevel 1 goto open
echo 首次打开，正在准备运行环境（需要联网，约几分钟）……
if exist "%PYTHON%" goto install
py -3 -c "import sys; sys.exit(sys.version_info < (3, 11))" 2>nul
if errorlevel 1 (
  echo 没有找到 Python 3.11 或更高版本，请先安装：https://www.python.org/downloads/
  goto failed
)
py -3 -m venv .venv
if errorlevel 1 goto failed
:install
"%PYTHON%" -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes --requirement requirements.lock.txt --requirement requirements.desk.lock.txt
if errorlevel 1 goto failed
"%PYTHON%" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
if errorlevel 1 goto failed
:open
"%PYTHON%" -m plananalysis desk %*
if errorlevel 1 goto failed
exit /b 0
:failed
echo 工作台没有打开，原因见上。
pause
exit /b 1
