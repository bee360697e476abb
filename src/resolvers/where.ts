// A filter without what a caller left out or gave as null: both mean "any".

type Present<Where> = { [Key in keyof Where]?: NonNullable<Where[Key]> }

export const present = <Where extends object>(where: Where): Present<Where> => {
  const kept: Present<Where> = {}
  for (const key of Object.keys(where) as (keyof Where)[]) {
    const value = where[key]
    if (value != null) kept[key] = value
  }
  return kept
}
