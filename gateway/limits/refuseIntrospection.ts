import { type ASTVisitor, GraphQLError, type ValidationContext } from 'graphql'

/**
 * A validation rule for servers that do not show their schema. Apollo Server's own rule names an option that users of
 * Presage do not have. The extension is Apollo Server's, which its clients may know.
 */
export function refuseIntrospection(context: ValidationContext): ASTVisitor {
  return {
    Field(node) {
      const { value: name } = node.name
      if (name !== '__schema' && name !== '__type') return
      context.reportError(
        new GraphQLError(
          `${name}: introspection is off on this server (server.introspection); "presage schema print" prints the schema`,
          { nodes: node, extensions: { validationErrorCode: 'INTROSPECTION_DISABLED' } },
        ),
      )
    },
  }
}
