# compile_template.py: compiles the page as utemplate does on a board when it is first asked for.
from utemplate import source

source.Loader(None, "templates").load("page.tpl")
