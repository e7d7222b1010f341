terraform {
  required_providers {
    github = { source = "integrations/github" }
  }
}
provider "github" { owner = "example" }

resource "github_repository" "r" {
  name       = "web"
  visibility = "private"
}

resource "github_branch_protection" "main" {
  repository_id = github_repository.r.node_id
  pattern       = "main"
}

resource "github_branch" "dev" {
  repository = github_repository.r.name
  branch     = "dev"
}

resource "github_repository_file" "f" {
  repository = github_repository.r.name
  file       = "README.md"
  content    = "x"
}

resource "github_team" "t" { name = "Platform Team" }

resource "github_team_repository" "t" {
  team_id    = github_team.t.id
  repository = github_repository.r.name
}

data "github_repository" "r" { name = github_repository.r.name }
