// How a plan refuses: one object, so that it costs no stack trace, and stand-ins that refuse whoever looks into them.

export const offPlan = new Error('This event is not on the plan')

const refuse = (): never => {
  throw offPlan
}

/** Nothing of it may be looked at. */
export const notShared: object = new Proxy(Object.freeze({}), {
  get: refuse,
  has: refuse,
  ownKeys: refuse,
  getOwnPropertyDescriptor: refuse,
})

/** What is in `known` is the same for all who share a text; whatever else is asked for is not. */
export const sharedOnly = (known: object): object =>
  new Proxy(Object.freeze(known), {
    get: (target, key) => (Object.hasOwn(target, key) ? target[key as keyof typeof target] : refuse()),
    has: (target, key) => Object.hasOwn(target, key) || refuse(),
    ownKeys: refuse,
    getOwnPropertyDescriptor: refuse,
  })
