// The GraphQL texts that this client sends. Refuses to know who sends them and what is made of the answers.

const login = /* GraphQL */ `
  fragment Now on Login {
    id state sequence method expectedWcId nextStep allowedActions deadlineAt
    polling { state }
    qrCode { content url generation }
    challenge {
      __typename
      ... on VerifyCodeChallenge { attemptsLeft }
      ... on SliderChallenge { url }
    }
    account { wcId nickName }
    advisories { code message }
    outcome { ...End }
  }
  fragment End on LoginOutcome { state reason message upstreamMessage nextStep }
`

const device = /* GraphQL */ `
  fragment Where on Device { id deviceKey upstreamId deviceType province operation { state } }
`

const refusals = /* GraphQL */ `
  ... on Error { code message }
  ... on InvalidInputError { fields { path message } }
`

export const PROVIDERS = /* GraphQL */ `
  query Providers { providers { name phonesUrl capabilities { provinceRequired announcesScan } } }
`

export const FIND_DEVICE = /* GraphQL */ `
  query FindDevice($where: DeviceWhere!) { devices(where: $where, first: 1) { edges { node { ...Where } } } }
  ${device}
`

export const REGISTER_DEVICE = /* GraphQL */ `
  mutation RegisterDevice($input: RegisterDeviceInput!) {
    result: registerDevice(input: $input) {
      __typename
      ... on RegisterDevicePayload { created device { ...Where } operation { state } }
      ... on UpstreamError { upstreamMessage }
      ${refusals}
    }
  }
  ${device}
`

export const START_LOGIN = /* GraphQL */ `
  mutation StartLogin($input: StartLoginInput!) {
    result: startLogin(input: $input) {
      __typename
      ... on StartLoginPayload { created login { ...Now } }
      ... on RefusedByRuleError { advisory { code message until } }
      ... on RateLimitedError { retryAfterSeconds }
      ${refusals}
    }
  }
  ${login}
`

const action = (field: string) => /* GraphQL */ `
  mutation Act($loginId: ID!) {
    result: ${field}(loginId: $loginId) {
      __typename
      ... on LoginPayload { login { ...Now } }
      ... on RefusedByRuleError { advisory { code message until } }
      ... on RateLimitedError { retryAfterSeconds }
      ${refusals}
    }
  }
  ${login}
`

/** The mutation behind each action that needs no more than the login. */
export const ACTIONS = {
  CANCEL: action('cancelLogin'),
  REFRESH_QR_CODE: action('refreshQrCode'),
  REPORT_CODE_PROMPT: action('reportCodePrompt'),
  WITHDRAW_CODE_PROMPT: action('withdrawCodePrompt'),
  REPORT_SLIDER_SOLVED: action('reportSliderSolved'),
  REPORT_NEW_DEVICE_PROMPT: action('reportNewDevicePrompt'),
} as const

export const SUBMIT_CODE = /* GraphQL */ `
  mutation SubmitCode($loginId: ID!, $code: String!) {
    result: submitVerifyCode(loginId: $loginId, code: $code) {
      __typename
      ... on LoginPayload { login { ...Now } }
      ... on RateLimitedError { retryAfterSeconds }
      ${refusals}
    }
  }
  ${login}
`

export const LOGIN_PROGRESS = /* GraphQL */ `
  subscription LoginProgress($loginId: ID!, $after: Int) {
    loginProgress(loginId: $loginId, after: $after) {
      sequence resync serverTime
      login { ...Now }
      event {
        __typename sequence at state
        ... on LoginStarted { method }
        ... on QrCodeIssued { generation }
        ... on QrCodeScanned { nickName }
        ... on VerifyCodeRequired { announcedBy }
        ... on VerifyCodeRejected { attemptsLeft upstreamMessage }
        ... on VerifyCodeUnanswered { attemptsLeft }
        ... on MethodChanged { method reason upstreamMessage }
        ... on PollingDegraded { message }
        ... on LoginEnded { outcome { ...End } }
      }
    }
  }
  ${login}
`
