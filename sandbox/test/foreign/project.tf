terraform {
  required_providers {
    google = { source = "hashicorp/google" }
  }
}
provider "google" {
  project = "demo-project"
  region  = "europe-west1"
  zone    = "europe-west1-b"
}

resource "google_service_account" "sa" { account_id = "runner-sa" }

resource "google_service_account_key" "key" { service_account_id = google_service_account.sa.name }

resource "google_project_iam_binding" "b" {
  project = "demo-project"
  role    = "roles/storage.objectViewer"
  members = [google_service_account.sa.member]
}

resource "google_storage_bucket" "b" {
  name     = "demo-project-files"
  location = "EU"
}

resource "google_storage_bucket_object" "o" {
  bucket  = google_storage_bucket.b.name
  name    = "hello.txt"
  content = "hello"
}

resource "google_pubsub_topic" "t" { name = "t" }

resource "google_pubsub_subscription" "s" {
  name  = "s"
  topic = google_pubsub_topic.t.id
}

resource "google_logging_project_sink" "sink" {
  name        = "sink"
  destination = "storage.googleapis.com/${google_storage_bucket.b.name}"
}

resource "google_monitoring_dashboard" "d" { dashboard_json = jsonencode({ displayName = "x" }) }

resource "google_secret_manager_secret" "s" {
  secret_id = "s"
  replication {
    auto {}
  }
}

resource "google_secret_manager_secret_version" "v" {
  secret      = google_secret_manager_secret.s.id
  secret_data = "value"
}

data "google_secret_manager_secret_version" "v" {
  secret     = google_secret_manager_secret.s.id
  depends_on = [google_secret_manager_secret_version.v]
}

data "google_client_config" "me" {}

data "google_compute_zones" "z" {}
