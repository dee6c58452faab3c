# Two commands do everything on a fresh machine: make report, make test. Works with GNU make 3.81 (macOS) and later.
# uv is used when it is there; otherwise venv and pip with hashes. Both install exactly what uv.lock holds.

.DEFAULT_GOAL := help
.PHONY: help setup report desk test lab lint lowest strip cluster docs lock clean
.DELETE_ON_ERROR:

PYTHON ?=
ARGS ?=
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
UV := $(shell command -v uv 2>/dev/null)

help:  ## 列出全部命令
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/make \1|\2/' | while IFS='|' read -r name text; do printf '  %-12s %s\n' "$$name" "$$text"; done
	@echo '  可指定解释器：make report PYTHON=python3.12；可附加参数：make report ARGS="--area china"。'

setup: $(READY)  ## 准备运行环境（.venv）

report: $(READY)  ## 计算并生成全部报告
	@$(BIN)/plananalysis report $(ARGS)

desk: $(READY)  ## 打开报送工作台（首次运行时加装网页组件，约 1 MB）
	@$(call ADD,requirements.desk.lock.txt)
	@$(BIN)/plananalysis desk $(ARGS)

test: $(READY)  ## 运行全部测试
	$(BIN)/python -m pytest -n 3 -q $(ARGS)

lab: $(READY)  ## 在 JupyterLab 中打开探索笔记本
	JUPYTER_PREFER_ENV_PATH=1 $(BIN)/jupyter lab --ServerApp.root_dir="$(CURDIR)" \
	  --LabApp.default_url=/lab/tree/notebooks/research/explore_indicator.ipynb $(ARGS)

lint: $(READY)  ## 检查代码风格、类型和笔记本是否清洁
	$(BIN)/ruff check src tests benchmarks tools
	$(BIN)/ruff format --check src tests benchmarks tools
	$(BIN)/mypy
	$(STRIP) --verify notebooks/*.ipynb notebooks/research/*.ipynb

lowest:  ## 以每个直接依赖的最低版本运行快速测试（另建 build/lowest）
	@$(FIND_PYTHON) && $$python -m venv --clear build/lowest
	build/lowest/bin/python -m pip install --quiet --disable-pip-version-check packaging
	build/lowest/bin/python tools/lowest.py > build/lowest/requirements.txt
	build/lowest/bin/python -m pip install --quiet --disable-pip-version-check --requirement build/lowest/requirements.txt
	build/lowest/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	build/lowest/bin/python -m pytest -n 2 -q -m "not slow" $(ARGS)

strip: $(READY)  ## 清除笔记本中的运行结果
	$(STRIP) notebooks/*.ipynb notebooks/research/*.ipynb

cluster: $(READY)  ## 加装分布式运行和列式文件组件（Dask、pyarrow，约 60 MB）
	@$(call ADD,requirements.cluster.lock.txt)

docs: $(READY)  ## 生成文档网站（build/docs），用例一并运行
	@$(call ADD,requirements.docs.lock.txt)
	@$(BIN)/python docs/make.py

lock:  ## 依赖变动后更新锁文件（需要 uv）
	env $(foreach name,INDEX_URL DEFAULT_INDEX INDEX EXTRA_INDEX_URL FIND_LINKS,-u UV_$(name)) uv lock --no-config
	uv export --quiet --frozen --no-config --extra lab --extra pdf --no-emit-project --no-annotate --output-file requirements.lock.txt
	$(call BEYOND,--extra cluster --extra columnar,requirements.cluster.lock.txt)
	$(call BEYOND,--extra desk,requirements.desk.lock.txt)
	$(call BEYOND,--extra docs,requirements.docs.lock.txt)

clean:  ## 删除环境和全部生成的文件（不动 data/raw）
	rm -rf $(VENV) build dist reports .mypy_cache .pytest_cache .ruff_cache .hypothesis
	if [ -d data/processed ]; then find data/processed -mindepth 1 ! -name README.md -delete; fi

# What editors and papermill leave behind goes; the language's name and the cells' ids stay.
STRIP := $(BIN)/nbstripout --keep-id --extra-keys "metadata.papermill cell.metadata.papermill cell.metadata.execution \
  $(foreach key,version codemirror_mode file_extension mimetype nbconvert_exporter pygments_lexer,metadata.language_info.$(key))"

# More packages from a lock file; and a lock file of what extras need beyond the base.
ADD = [ -n "$(UV)" ] && $(UV) pip install --quiet --python $(BIN)/python $(PINNED) $(1) || \
  $(BIN)/python -m pip install --quiet --disable-pip-version-check $(PINNED) $(1)
BEYOND = uv export --quiet --frozen --no-config --no-dev $(1) --no-emit-project --no-annotate --no-header | \
  awk 'FNR == NR { if (!/^[ \#]/) have[$$1]; next } !/^ / { new = !($$1 in have) } new' requirements.lock.txt - > $(2)

PINNED := --no-deps --require-hashes --requirement

# The interpreter: the one asked for, else the first on the path that is new enough.
FIND_PYTHON = for python in $(or $(PYTHON),python3 python3.14 python3.13 python3.12 python3.11 python); do \
	  $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; python=; done; \
	if [ -z "$$python" ]; then echo '未找到 Python 3.11 或更高版本；请安装后重试，或用 PYTHON=… 指明。' >&2; exit 1; fi

# A failed uv (a mirror it refuses, an old version) is not the end: pip checks the same hashes.
$(READY): pyproject.toml uv.lock requirements.lock.txt
	@echo '正在准备运行环境……'
	@if [ -n "$(UV)" ] && $(UV) sync --quiet --locked --extra lab --extra pdf --compile-bytecode $(if $(PYTHON),--python $(PYTHON)); then :; else \
	  $(FIND_PYTHON); \
	  if [ -n "$(UV)" ]; then echo 'uv 未能完成，改用 pip。' >&2; fi; \
	  $$python -m venv --clear $(VENV) && \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes --requirement requirements.lock.txt && \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .; \
	fi
	@touch $(READY)
