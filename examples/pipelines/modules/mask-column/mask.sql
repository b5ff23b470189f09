select * replace (
  left(cast({{ column config.column }} as varchar), {{ config.keep }}) || {{ config.mark }} as {{ column config.column }}
)
from input
