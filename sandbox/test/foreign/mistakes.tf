terraform {
  required_providers {
    google     = { source = "hashicorp/google" }
    kubernetes = { source = "hashicorp/kubernetes" }
    github     = { source = "integrations/github" }
  }
}
provider "google" {
  project = "demo-project"
  region  = "europe-west1"
  zone    = "europe-west1-b"
}
provider "kubernetes" { config_path = "~/.kube/config" }
provider "github" { owner = "example" }

resource "google_project_iam_member" "misspelt_role" {
  project = "demo-project"
  role    = "roles/storage.objectViewr"
  member  = "user:ann@example.com"
}
resource "google_project_iam_member" "everybody" {
  project = "demo-project"
  role    = "roles/viewer"
  member  = "allUsers"
}
resource "google_project_iam_member" "missing_account" {
  project = "demo-project"
  role    = "roles/viewer"
  member  = "serviceAccount:nobody@demo-project.iam.gserviceaccount.com"
}
resource "google_project_service" "misspelt_service" { service = "compuet.googleapis.com" }
resource "google_project_iam_custom_role" "misspelt_permission" {
  role_id     = "starter"
  title       = "starter"
  permissions = ["compute.instances"]
}
resource "google_storage_bucket" "forbidden_name" {
  name     = "my-google-files"
  location = "EU"
}
resource "google_storage_bucket" "unknown_class" {
  name          = "demo-project-files"
  location      = "EU"
  storage_class = "HOT"
}
resource "google_dns_managed_zone" "no_dot" {
  name     = "zone"
  dns_name = "example.com"
}
resource "google_compute_network" "small_packets" {
  name = "small"
  mtu  = 5
}
resource "google_compute_disk" "unknown_type" {
  name = "disk"
  type = "pd-quick"
  size = 10
}
resource "google_compute_address" "unknown_region" {
  name   = "address"
  region = "europe-west99"
}
resource "google_compute_subnetwork" "missing_network" {
  name          = "sub"
  network       = "nowhere"
  ip_cidr_range = "10.0.0.0/24"
}
resource "google_compute_instance" "unknown_machine" {
  name         = "vm"
  machine_type = "e2-enormous"
  boot_disk {
    initialize_params { image = "debian-12" }
  }
  network_interface { network = "default" }
}
resource "google_compute_instance" "capital_label" {
  name         = "labelled"
  machine_type = "e2-small"
  labels       = { Team = "A" }
  boot_disk {
    initialize_params { image = "debian-12" }
  }
  network_interface { network = "default" }
}
resource "google_cloud_scheduler_job" "hour_25" {
  name     = "job"
  schedule = "0 25 * * *"
  http_target { uri = "https://example.com" }
}
resource "google_monitoring_notification_channel" "missing_label" {
  type   = "email"
  labels = {}
}
resource "google_sql_database_instance" "no_connection" {
  name             = "db"
  database_version = "POSTGRES_16"
  settings {
    tier = "db-f1-micro"
    ip_configuration { private_network = "projects/demo-project/global/networks/default" }
  }
}
resource "github_actions_variable" "missing_repository" {
  repository    = "nowhere"
  variable_name = "REGION"
  value         = "europe-west1"
}
resource "kubernetes_namespace_v1" "capital_name" {
  metadata { name = "Web" }
}
resource "kubernetes_secret_v1" "no_certificate" {
  metadata { name = "tls" }
  type = "kubernetes.io/tls"
  data = { "tls.key" = "key" }
}
resource "kubernetes_persistent_volume_claim_v1" "unknown_access_mode" {
  metadata { name = "data" }
  spec {
    access_modes = ["ReadWriteTwice"]
    resources { requests = { storage = "1Gi" } }
  }
}
resource "kubernetes_config_map_v1" "missing_namespace" {
  metadata {
    name      = "settings"
    namespace = "nowhere"
  }
}
