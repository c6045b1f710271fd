/** What the team knows by itself; a database elsewhere. */
const applicants = [
  { id: '1', seniority: 12, age: 48, job: 'partime', expenses: 35 },
  { id: '2', seniority: 23, age: 45, job: 'fixed', expenses: 45 },
  { id: '3', seniority: 0, age: 19, job: null, expenses: 35 },
]

const find = (id) => applicants.find((applicant) => applicant.id === id) ?? null

/**
 * Resolvers of all fields but `Applicant.expectedIncome`, which is predicted.
 *
 * @type {import('presage/resolvers').CreateResolvers}
 */
export const createResolvers = () => ({
  Query: {
    applicants: () => applicants,
    applicant: (_, { id }) => find(id),
  },
  Applicant: {
    __resolveReference: ({ id }) => find(id),
  },
})
