@echo off
chcp 65001 >nul
rem Opens the desk by a double click. Prepares the environment at first.
rem pushd, because a network folder cannot be changed to with cd.
pushd "%~dp0.."
if not exist pyproject.toml (
  echo 请先把下载的压缩包全部解压，再从解压后的文件夹中双击本文件。
  goto failed
)
set "PYTHON=.venv\Scripts\python.exe"
"%PYTHON%" -c "import jinja2, multipart, plananalysis, starlette, uvicorn" 2>nul
if not errorlevel 1 goto open
echo 首次打开，正在准备运行环境（需要联网，约几分钟）……
if exist "%PYTHON%" goto install
set "FOUND=py -3"
%FOUND% -c "import sys; sys.exit(sys.version_info < (3, 11))" >nul 2>nul
if not errorlevel 1 goto create
set "FOUND=python"
%FOUND% -c "import sys; sys.exit(sys.version_info < (3, 11))" >nul 2>nul
if not errorlevel 1 goto create
echo 没有找到 Python 3.11 或更高版本，请先安装：https://www.python.org/downloads/
goto failed
:create
%FOUND% -m venv .venv
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
